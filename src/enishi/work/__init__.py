"""The process that owns the warehouse: the door and the durable loops."""
