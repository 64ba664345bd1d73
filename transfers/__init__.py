"""Transfer requests and the pipeline de-identify, verify, deliver."""
