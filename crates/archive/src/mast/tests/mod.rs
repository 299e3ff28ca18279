//! Requests as the service takes them, its recorded answers as tables, and products with where they go.

mod answers;
mod places;
mod requests;
