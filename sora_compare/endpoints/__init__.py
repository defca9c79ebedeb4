"""The provider seam: servers that speak /v1/videos."""
