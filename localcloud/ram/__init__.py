"""RAM: users of an account, the policies that give them rights, and which right each call needs."""
