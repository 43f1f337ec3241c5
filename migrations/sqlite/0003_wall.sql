-- Version 3 built the wall between agents inside PostgreSQL. SQLite has no roles: who may read its file
-- reads all of it, and the hub's own statements name their agent, as everywhere. The number stands here
-- because both databases count alike.
SELECT 1;
