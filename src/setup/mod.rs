//! Installing into a site, upgrading, and removing.
