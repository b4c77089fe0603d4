"""One's own data in: files that were dropped are looked at, shown as a preview, and imported as a job."""
