//! Pulling from GitHub: what to fetch, in which order, and what follows from it.
