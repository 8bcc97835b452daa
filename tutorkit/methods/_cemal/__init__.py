"""What CEMAL alone does: answers confirmed by their equations."""
