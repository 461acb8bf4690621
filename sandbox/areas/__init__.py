"""The areas of the risk map: the 34 provinces of today and a sample of their wards."""
