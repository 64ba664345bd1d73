"""The steps of a run and of a delivery, as tables; the kind of error decides what comes next."""
