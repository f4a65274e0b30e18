"""What one or two lessons bring along: drawings, dreams, painting, sick GANs, walks, widgets."""
