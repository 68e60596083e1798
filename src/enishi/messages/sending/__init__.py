"""The way out: what is due is asked of the gate, marked, made and handed over."""
