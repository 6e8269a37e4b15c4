"""The rights in RAM that the program's user needs: one list, and the policies made of it."""
