"""Files that are put into the image as they are."""
