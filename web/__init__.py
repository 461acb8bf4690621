"""What browsers and other systems call: health, the officer's look-up, the simulator."""
