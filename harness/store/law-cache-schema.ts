/** "detl", in the header of every cache of laws. */
export const LAW_CACHE_ID = 0x6465746c;

const STEP_1 = `
-- What decides every bit of a law: the model file and the numerics identity of its engine (without
-- what was measured to change no bit).
CREATE TABLE identities (
	id INTEGER PRIMARY KEY,
	sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
	content TEXT NOT NULL CHECK (json_valid(content)), -- canonical JSON
	label TEXT NOT NULL                                -- what the last experiment called the model
) STRICT;

-- One row per law. What is large has a table of its own, so that counting and noting a use are quick.
CREATE TABLE laws (
	id INTEGER PRIMARY KEY,
	identity_id INTEGER NOT NULL REFERENCES identities,
	key BLOB NOT NULL UNIQUE CHECK (length(key) = 32), -- sha256 of identity and token path
	bytes INTEGER NOT NULL CHECK (bytes > 0),          -- of its logits
	used INTEGER NOT NULL CHECK (used >= 0)            -- day it was last stored or served, from 1970-01-01 UTC
) STRICT;
CREATE INDEX laws_by_use ON laws (used);

CREATE TABLE contents (
	law_id INTEGER PRIMARY KEY REFERENCES laws ON DELETE CASCADE,
	-- first 16 bytes of the sha256 of key, log_normalizer and logits
	checksum BLOB NOT NULL CHECK (length(checksum) = 16),
	log_normalizer REAL NOT NULL CHECK (abs(log_normalizer) <= 1.7976931348623157e308),
	logits BLOB NOT NULL CHECK (length(logits) % 4 = 0) -- float32, as in memory
) STRICT;
`;

/** Step i takes a cache from version i to i + 1. Steps are history: never edit one, add one. */
export const LAW_CACHE_STEPS: readonly string[] = [STEP_1];
