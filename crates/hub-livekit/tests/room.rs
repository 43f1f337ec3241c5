//! A participant in a room of a real server.
