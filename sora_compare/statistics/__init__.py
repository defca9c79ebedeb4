"""Pure functions over takes and reviews; every result says its method, version, and how much it rests on."""
