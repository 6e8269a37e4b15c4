"""A fleet of hundreds of instances through a day, without a cloud."""
