/** "detb", in the header of every database of ours. */
export const APPLICATION_ID = 0x64657462;

const STEP_1 = `
-- Everything that could change a result, once per content. sha256 is over the canonical JSON.
CREATE TABLE identities (
	sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
	kind TEXT NOT NULL
		CHECK (kind IN ('model', 'template', 'task', 'sampling', 'design', 'numerics')),
	content TEXT NOT NULL CHECK (json_valid(content))
) STRICT, WITHOUT ROWID;

-- One experiment carried out. shard_index of shard_count (from 1); both NULL for a whole run.
CREATE TABLE runs (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	config TEXT NOT NULL CHECK (json_valid(config)), -- the resolved experiment
	created_at TEXT NOT NULL,                        -- ISO 8601, UTC
	shard_index INTEGER,
	shard_count INTEGER,
	tool_version TEXT NOT NULL,
	CHECK ((shard_index IS NULL) = (shard_count IS NULL)),
	CHECK (shard_index BETWEEN 1 AND shard_count)
) STRICT;

-- One per model × template of a run: its cells read the same laws, made under one numerics identity.
CREATE TABLE trees (
	id INTEGER PRIMARY KEY,
	run_id INTEGER NOT NULL REFERENCES runs,
	model_sha256 TEXT NOT NULL REFERENCES identities,
	template_sha256 TEXT NOT NULL REFERENCES identities,
	numerics_sha256 TEXT NOT NULL REFERENCES identities,
	UNIQUE (run_id, model_sha256, template_sha256)
) STRICT;

-- model × template × sampling setting × seed.
CREATE TABLE cells (
	id INTEGER PRIMARY KEY,
	run_id INTEGER NOT NULL REFERENCES runs,
	tree_id INTEGER NOT NULL REFERENCES trees,
	key TEXT NOT NULL,
	model_label TEXT NOT NULL,
	template_label TEXT NOT NULL,
	sampling_sha256 TEXT NOT NULL REFERENCES identities,
	task_sha256 TEXT NOT NULL REFERENCES identities,
	design_sha256 TEXT NOT NULL REFERENCES identities,
	design TEXT NOT NULL CHECK (design IN ('fixed', 'crawl', 'chain')),
	seed INTEGER NOT NULL CHECK (seed BETWEEN 0 AND 4294967295),
	attempts INTEGER NOT NULL CHECK (attempts > 0), -- per source (fixed), in all (crawl, chain)
	UNIQUE (run_id, key)
) STRICT;

CREATE TABLE states (
	id INTEGER PRIMARY KEY,
	text TEXT NOT NULL UNIQUE
) STRICT;

-- Fixed design: draws 0 … attempts − 1 of this source are to be made.
CREATE TABLE plan (
	cell_id INTEGER NOT NULL REFERENCES cells,
	source_id INTEGER NOT NULL REFERENCES states,
	attempts INTEGER NOT NULL CHECK (attempts > 0),
	PRIMARY KEY (cell_id, source_id)
) STRICT, WITHOUT ROWID;

-- Each raw completion once. tokens: ids as unsigned 32-bit integers, least significant byte first.
CREATE TABLE completions (
	id INTEGER PRIMARY KEY,
	tokens BLOB NOT NULL CHECK (length(tokens) % 4 = 0),
	text TEXT NOT NULL,
	UNIQUE (tokens, text)
) STRICT;

CREATE TABLE outcomes (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO outcomes (id, name)
VALUES (0, 'valid'), (1, 'self'), (2, 'invalid'), (3, 'unparsable'), (4, 'truncated');

-- One row per attempt, whatever came out. A missing draw is a hole; no draw is there twice.
CREATE TABLE attempts (
	cell_id INTEGER NOT NULL REFERENCES cells,
	source_id INTEGER NOT NULL REFERENCES states,
	draw INTEGER NOT NULL CHECK (draw BETWEEN 0 AND 4294967294),
	step INTEGER CHECK (step BETWEEN 0 AND 4294967294), -- ordinal in the cell; NULL for fixed
	outcome INTEGER NOT NULL REFERENCES outcomes,
	target_id INTEGER REFERENCES states,
	completion_id INTEGER NOT NULL REFERENCES completions,
	PRIMARY KEY (cell_id, source_id, draw),
	CHECK ((target_id IS NOT NULL) = (outcome IN (0, 1))),
	CHECK (outcome <> 0 OR target_id <> source_id),
	CHECK (outcome <> 1 OR target_id = source_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempts_by_step ON attempts (cell_id, step) WHERE step IS NOT NULL;

-- What the model answered at each node: a rerun can name the first difference.
CREATE TABLE laws (
	tree_id INTEGER NOT NULL REFERENCES trees,
	source_id INTEGER NOT NULL REFERENCES states,
	path BLOB NOT NULL CHECK (length(path) % 4 = 0), -- completion tokens so far, as in completions
	checksum BLOB NOT NULL CHECK (length(checksum) = 16),
	log_normalizer REAL NOT NULL
		CHECK (abs(log_normalizer) <= 1.7976931348623157e308),
	top TEXT NOT NULL CHECK (json_valid(top)),       -- [[token, log-probability], …]
	PRIMARY KEY (tree_id, source_id, path)
) STRICT, WITHOUT ROWID;

-- The process that writes, if any.
CREATE TABLE writer (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	owner TEXT NOT NULL,
	pid INTEGER NOT NULL,
	host TEXT NOT NULL,
	since TEXT NOT NULL,
	heartbeat TEXT NOT NULL
) STRICT;

-- VIEWS, for any SQLite tool.

-- What each cell is, in words.
CREATE VIEW settings AS
SELECT cells.id AS cell_id, cells.run_id, runs.name AS run,
	cells.model_label AS model, cells.template_label AS template,
	sampling.content ->> '$.temperature' AS temperature,
	sampling.content ->> '$.topK' AS top_k,
	sampling.content ->> '$.topP' AS top_p,
	sampling.content ->> '$.minP' AS min_p,
	cells.design, cells.seed
FROM cells
JOIN runs ON runs.id = cells.run_id
JOIN identities AS sampling ON sampling.sha256 = cells.sampling_sha256;

-- How often each source led to each target; source = target counts self outcomes.
CREATE VIEW counts AS
SELECT settings.*, source.text AS source, target.text AS target, pair.count
FROM (
	SELECT cell_id, source_id, target_id, count(*) AS count
	FROM attempts WHERE target_id IS NOT NULL
	GROUP BY cell_id, source_id, target_id
) AS pair
JOIN settings USING (cell_id)
JOIN states AS source ON source.id = pair.source_id
JOIN states AS target ON target.id = pair.target_id;

-- The five outcomes of each source.
CREATE VIEW outcomes_per_source AS
SELECT settings.*, source.text AS source,
	tally.valid, tally.self, tally.invalid, tally.unparsable, tally.truncated
FROM (
	SELECT cell_id, source_id,
		sum(outcome = 0) AS valid, sum(outcome = 1) AS self, sum(outcome = 2) AS invalid,
		sum(outcome = 3) AS unparsable, sum(outcome = 4) AS truncated
	FROM attempts GROUP BY cell_id, source_id
) AS tally
JOIN settings USING (cell_id)
JOIN states AS source ON source.id = tally.source_id;

-- All attempts from each source, whatever came out: the denominator of the kernel.
CREATE VIEW attempts_per_source AS
SELECT settings.*, source.text AS source, tally.attempts
FROM (
	SELECT cell_id, source_id, count(*) AS attempts FROM attempts GROUP BY cell_id, source_id
) AS tally
JOIN settings USING (cell_id)
JOIN states AS source ON source.id = tally.source_id;

-- Attempts planned in this database, and done, per cell.
CREATE VIEW progress AS
SELECT settings.*,
	CASE cells.design WHEN 'fixed'
		THEN coalesce((SELECT sum(attempts) FROM plan WHERE plan.cell_id = cells.id), 0)
		ELSE cells.attempts END AS planned,
	(SELECT count(*) FROM attempts WHERE attempts.cell_id = cells.id) AS done
FROM cells JOIN settings ON settings.cell_id = cells.id;

-- Every attempt, spelled out.
CREATE VIEW transitions AS
SELECT attempts.cell_id, source.text AS source, attempts.draw, attempts.step,
	outcomes.name AS outcome, target.text AS target, completions.text AS completion
FROM attempts
JOIN states AS source ON source.id = attempts.source_id
JOIN outcomes ON outcomes.id = attempts.outcome
LEFT JOIN states AS target ON target.id = attempts.target_id
JOIN completions ON completions.id = attempts.completion_id;
`;

const STEP_2 = `
-- A table of counts that came from a file: no run of ours, no model needed.
CREATE TABLE imports (
	id INTEGER PRIMARY KEY,
	model TEXT NOT NULL,
	template TEXT NOT NULL,
	sampling TEXT NOT NULL CHECK (json_valid(sampling)), -- what is known of it, as in identities
	origin TEXT NOT NULL,                                -- name of the file, without its folder
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
	bytes INTEGER NOT NULL CHECK (bytes > 0),
	format TEXT NOT NULL,
	-- All attempts, whatever came out; NULL where nobody said. Those beyond the counts are invalid outcomes.
	attempts_total INTEGER CHECK (attempts_total BETWEEN 1 AND 9007199254740991),
	-- The file of attempts per source, where they came in one of their own.
	attempts_origin TEXT,
	attempts_sha256 TEXT CHECK (length(attempts_sha256) = 64 AND attempts_sha256 NOT GLOB '*[^0-9a-f]*'),
	notes TEXT NOT NULL CHECK (json_valid(notes)),       -- what else the file says of itself
	created_at TEXT NOT NULL,                            -- ISO 8601, UTC
	tool_version TEXT NOT NULL,
	CHECK ((attempts_origin IS NULL) = (attempts_sha256 IS NULL)),
	UNIQUE (sha256, model, template, sampling)           -- the same file is not counted twice
) STRICT;

-- How often each source led to each target; source = target counts self outcomes. A count of 0
-- only says that there are such states.
CREATE TABLE import_counts (
	import_id INTEGER NOT NULL REFERENCES imports,
	source_id INTEGER NOT NULL REFERENCES states,
	target_id INTEGER NOT NULL REFERENCES states,
	count INTEGER NOT NULL CHECK (count BETWEEN 0 AND 9007199254740991),
	PRIMARY KEY (import_id, source_id, target_id)
) STRICT, WITHOUT ROWID;

-- All attempts from each source, whatever came out. No row of an import: they were not recorded.
CREATE TABLE import_attempts (
	import_id INTEGER NOT NULL REFERENCES imports,
	source_id INTEGER NOT NULL REFERENCES states,
	attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 9007199254740991),
	PRIMARY KEY (import_id, source_id)
) STRICT, WITHOUT ROWID;

-- What each import is, in words.
CREATE VIEW import_settings AS
SELECT id AS import_id, model, template,
	sampling ->> '$.temperature' AS temperature,
	sampling ->> '$.topK' AS top_k,
	sampling ->> '$.topP' AS top_p,
	sampling ->> '$.minP' AS min_p,
	origin, sha256, format, attempts_total
FROM imports;

-- As the view counts, of what was imported.
CREATE VIEW imported_counts AS
SELECT import_settings.*, source.text AS source, target.text AS target, import_counts.count
FROM import_counts
JOIN import_settings USING (import_id)
JOIN states AS source ON source.id = import_counts.source_id
JOIN states AS target ON target.id = import_counts.target_id
WHERE import_counts.count > 0;

-- As the view attempts_per_source, of what was imported.
CREATE VIEW imported_attempts AS
SELECT import_settings.*, source.text AS source, import_attempts.attempts
FROM import_attempts
JOIN import_settings USING (import_id)
JOIN states AS source ON source.id = import_attempts.source_id;
`;

const STEP_3 = `
-- A run repeated from its record (detbal rerun), and what came of it.
CREATE TABLE reruns (
	id INTEGER PRIMARY KEY,
	run_id INTEGER NOT NULL REFERENCES runs,
	seed INTEGER CHECK (seed BETWEEN 0 AND 4294967295),  -- the one that was repeated; NULL: all
	identical INTEGER NOT NULL CHECK (identical IN (0, 1)),
	compared INTEGER NOT NULL CHECK (compared >= 0),     -- transitions
	different INTEGER NOT NULL CHECK (different BETWEEN 0 AND compared),
	planned INTEGER NOT NULL CHECK (planned >= compared),
	laws_compared INTEGER NOT NULL CHECK (laws_compared >= 0),
	laws_different INTEGER NOT NULL CHECK (laws_different BETWEEN 0 AND laws_compared),
	numerics_differences TEXT NOT NULL CHECK (json_valid(numerics_differences)),
	created_at TEXT NOT NULL,                            -- ISO 8601, UTC
	tool_version TEXT NOT NULL,
	CHECK (identical = (different = 0))
) STRICT;
`;

const STEP_4 = `
-- What detbal doctor found: which settings change bits, on which machine, with which model.
CREATE TABLE doctors (
	id INTEGER PRIMARY KEY,
	content TEXT NOT NULL CHECK (json_valid(content)), -- the document of doctor --json
	sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'), -- of content
	model_sha256 TEXT CHECK (length(model_sha256) = 64 AND model_sha256 NOT GLOB '*[^0-9a-f]*'),
	created_at TEXT NOT NULL,                          -- ISO 8601, UTC
	tool_version TEXT NOT NULL
) STRICT;

-- Which of them a run was begun with.
CREATE TABLE run_doctors (
	run_id INTEGER NOT NULL REFERENCES runs,
	doctor_id INTEGER NOT NULL REFERENCES doctors,
	PRIMARY KEY (run_id, doctor_id)
) STRICT, WITHOUT ROWID;

-- A transition kernel that was scored from the model's laws, not sampled: model × template × sampling setting.
CREATE TABLE kernels (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL,                              -- of what was scored: the same in all its shapes
	shape INTEGER NOT NULL CHECK (shape >= 0),      -- 0: evaluated as runs are; others show the numerical jitter
	name TEXT NOT NULL,
	config TEXT NOT NULL CHECK (json_valid(config)), -- the resolved experiment
	model_label TEXT NOT NULL,
	template_label TEXT NOT NULL,
	model_sha256 TEXT NOT NULL REFERENCES identities,
	template_sha256 TEXT NOT NULL REFERENCES identities,
	task_sha256 TEXT NOT NULL REFERENCES identities,
	sampling_sha256 TEXT NOT NULL REFERENCES identities,
	numerics_sha256 TEXT NOT NULL REFERENCES identities,
	kind TEXT NOT NULL CHECK (kind IN ('closed', 'open')),
	epsilon REAL NOT NULL CHECK (epsilon > 0 AND epsilon < 1),
	most_evaluations INTEGER NOT NULL CHECK (most_evaluations > 0), -- of a source
	sources INTEGER NOT NULL CHECK (sources > 0),   -- rows that belong to it when it is whole
	created_at TEXT NOT NULL,                       -- ISO 8601, UTC
	tool_version TEXT NOT NULL,
	UNIQUE (key, shape)
) STRICT;

-- One source of it, scored whole. Masses of completions, 0 … 1.
CREATE TABLE kernel_rows (
	kernel_id INTEGER NOT NULL REFERENCES kernels,
	source_id INTEGER NOT NULL REFERENCES states,
	invalid REAL CHECK (invalid >= 0),              -- these three: NULL for a closed set
	unparsable REAL CHECK (unparsable >= 0),
	truncated REAL CHECK (truncated >= 0),
	elsewhere REAL NOT NULL CHECK (elsewhere >= 0), -- closed set: what can end in no state of the set
	left_out REAL NOT NULL CHECK (left_out >= 0),   -- not followed to an end
	evaluations INTEGER NOT NULL CHECK (evaluations > 0),
	reached INTEGER NOT NULL CHECK (reached IN (0, 1)), -- whether what is left out is as small as was asked
	PRIMARY KEY (kernel_id, source_id)
) STRICT, WITHOUT ROWID;

-- log T(target | source), nats: from the mass found, and with all mass left out that may still end there.
-- NULL: no mass. The source itself is the self outcome.
CREATE TABLE kernel_entries (
	kernel_id INTEGER NOT NULL,
	source_id INTEGER NOT NULL,
	target_id INTEGER NOT NULL REFERENCES states,
	log_found REAL CHECK (log_found <= 0),
	log_bound REAL CHECK (log_bound <= 0),
	PRIMARY KEY (kernel_id, source_id, target_id),
	FOREIGN KEY (kernel_id, source_id) REFERENCES kernel_rows,
	CHECK (log_found IS NULL OR log_bound >= log_found)
) STRICT, WITHOUT ROWID;

-- What each exact kernel is, in words.
CREATE VIEW kernel_settings AS
SELECT kernels.id AS kernel_id, kernels.name, kernels.shape,
	kernels.model_label AS model, kernels.template_label AS template,
	sampling.content ->> '$.temperature' AS temperature,
	sampling.content ->> '$.topK' AS top_k,
	sampling.content ->> '$.topP' AS top_p,
	sampling.content ->> '$.minP' AS min_p,
	kernels.kind, kernels.epsilon
FROM kernels JOIN identities AS sampling ON sampling.sha256 = kernels.sampling_sha256;

-- Every transition of the exact kernels, evaluated as runs are.
CREATE VIEW exact_kernel AS
SELECT kernel_settings.*, source.text AS source, target.text AS target,
	kernel_entries.log_found AS log_probability, kernel_entries.log_bound
FROM kernel_entries
JOIN kernel_settings USING (kernel_id)
JOIN states AS source ON source.id = kernel_entries.source_id
JOIN states AS target ON target.id = kernel_entries.target_id
WHERE kernel_settings.shape = 0;
`;

/** Step i takes a database from version i to i + 1. Steps are history: never edit one, add one. */
export const STEPS: readonly string[] = [STEP_1, STEP_2, STEP_3, STEP_4];

export const SCHEMA_VERSION = STEPS.length;

/** Versions from here on have tables of imports; a reader takes earlier ones as holding none. */
export const IMPORTS_VERSION = 2;

/** Versions from here on have a table of reruns. */
export const RERUNS_VERSION = 3;

/** Versions from here on have tables of exact kernels and of doctors. */
export const KERNELS_VERSION = 4;
