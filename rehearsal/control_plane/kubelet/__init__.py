"""What the machines of a rehearsed cluster do that kwok does not: pods, volumes, addresses, pools that grow."""
