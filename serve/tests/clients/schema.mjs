// What graphql-js, by which other clients read a schema, makes of the server's: of what it tells of itself, and of the committed file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertValidSchema, buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema, validate } from 'graphql';

const [url, file, example] = process.argv.slice(2);
const query = getIntrospectionQuery({ descriptions: true, inputValueDeprecation: false });
const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query, operationName: 'IntrospectionQuery' }) });
const { data, errors } = await response.json();
assert.equal(errors, undefined);
const told = buildClientSchema(data);
const committed = buildSchema(readFileSync(file, 'utf8'));
for (const schema of [told, committed]) assertValidSchema(schema);
const text = (schema) => printSchema(lexicographicSortSchema(schema));
assert.equal(text(told), text(committed));
const queries = [...readFileSync(example, 'utf8').matchAll(/gql`([^`]*)`/g)].map(([, query]) => query);
for (const query of queries) assert.deepEqual(validate(committed, parse(query)), []);
console.log(`${Object.keys(committed.getTypeMap()).length} types, ${queries.length} queries`);
