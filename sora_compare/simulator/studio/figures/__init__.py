"""What moves in the scenes: balls, bodies, faces, and the physics behind them."""
