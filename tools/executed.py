"""A notebook that has run, as a document: tidy output, saved as .ipynb and .html."""

import copy

import nbformat
from nbconvert import HTMLExporter
from progress import visible


def tidy_streams(notebook):
    """Join neighboring pieces of printed text and keep what a terminal would show of each line."""
    for cell in notebook.cells:
        joined = []
        for output in cell.get("outputs", []):
            last = joined[-1] if joined else None
            if (
                last is not None
                and output.output_type == last.output_type == "stream"
                and output.name == last.name
            ):
                last.text += output.text
            else:
                joined.append(output)
        for output in joined:
            if output.output_type == "stream":
                lines = output.text.replace("\b", "").split("\n")
                output.text = "\n".join(visible(line) for line in lines)
        if "outputs" in cell:
            cell.outputs = joined


def save_executed(notebook, folder, name):
    """Write ``name.ipynb`` and ``name.html`` into ``folder``."""
    nbformat.write(notebook, folder / f"{name}.ipynb")
    readable = copy.deepcopy(notebook)
    readable.metadata.pop("widgets", None)
    for cell in readable.cells:
        for output in cell.get("outputs", []):
            # Widgets need scripts from the network: show their still form instead.
            if len(output.get("data", {})) > 1:
                output.data.pop("application/vnd.jupyter.widget-view+json", None)
    exporter = HTMLExporter(embed_images=True, require_js_url="", jquery_url="")
    resources = {"metadata": {"name": name, "path": str(folder)}}
    html, _ = exporter.from_notebook_node(readable, resources)
    html = html.replace('<script src=""></script>', "")
    # Fetched after the page is drawn: without a network, only the formulas wait for it.
    html = html.replace('<script src="https://cdnjs', '<script defer src="https://cdnjs')
    (folder / f"{name}.html").write_text(html, encoding="utf-8")
