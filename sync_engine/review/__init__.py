"""What people decide: cases as they stand, one or many, left alone or opened again."""
