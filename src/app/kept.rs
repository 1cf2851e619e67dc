//! What was made for a site, kept as long as it would be made the same way again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One thing for each site. Clones keep the same ones.
#[derive(Debug)]
pub(super) struct Kept<T>(Arc<Mutex<HashMap<String, (String, T)>>>);

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Kept<T> {
    /// The thing of `site` that was made of what `mark` stands for, made now where there is none. A mark holds no secret.
    pub(super) fn get_or<E>(&self, site: &str, mark: &str, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let locked = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_of, thing)) = locked().get(site)
            && made_of == mark
        {
            return Ok(thing.clone());
        }
        let thing = make()?;
        locked().insert(site.to_owned(), (mark.to_owned(), thing.clone()));
        Ok(thing)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_thing_is_made_anew_when_what_it_is_made_of_changed() {
        let kept = Kept::default();
        let get = |site: &str, mark: &str, thing: u8| kept.get_or(site, mark, || Ok::<_, Infallible>(thing)).expect("made");
        assert_eq!(get("one", "a", 1), 1);
        assert_eq!(get("one", "a", 2), 1, "kept");
        assert_eq!(get("two", "a", 3), 3, "another site");
        assert_eq!(get("one", "b", 4), 4, "made of something else");
        assert!(kept.get_or("one", "c", || Err(())).is_err());
    }
}
