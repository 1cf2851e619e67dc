//! An old copy that ERPNext writes back over what we wrote.
