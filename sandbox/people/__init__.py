"""The synthetic population: who lives here, their papers, and what the platforms know of them."""
