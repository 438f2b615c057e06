"""URLs of Lockstep."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("dashboard/admin/", admin.site.urls)]
