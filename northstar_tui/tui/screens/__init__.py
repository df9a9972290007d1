"""The screens. Each is a page: what it shows (a frozen snapshot) and how it paints itself into any size."""
