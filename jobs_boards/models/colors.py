"""The colours of labels. Each is shown with a text beside it, so that nobody depends on telling them apart."""

from django.db import models


class Color(models.TextChoices):
    GRAY = "gray"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TEAL = "teal"
