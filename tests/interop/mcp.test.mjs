// A real MCP client and a real MCP server, both of the MCP SDK: the client is turned away by the server, finds the resource's
// metadata, then ours, registers itself, signs a person in with PKCE and a resource indicator, and calls a tool. The MCP
// server asks us what each token is worth.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { Browser } from './browser.mjs';

const ISSUER = process.env.ISSUER.replace(/\/$/, '');
const GUARD = process.env.RESOURCE_SERVER;
const PORT = Number(new URL(process.env.RESOURCE).port);
const RESOURCE = process.env.RESOURCE;
const CALLBACK = 'http://127.0.0.1:49154/callback';
const METADATA = `http://127.0.0.1:${PORT}/.well-known/oauth-protected-resource/mcp`;

let server;

async function worth(token) {
  const answer = await fetch(`${ISSUER}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(GUARD).toString('base64')}` },
    body: new URLSearchParams({ token }),
  });
  return answer.json();
}

async function serve(request, response) {
  const json = (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  if (request.url === '/.well-known/oauth-protected-resource/mcp') {
    return json(200, { resource: RESOURCE, authorization_servers: [ISSUER], scopes_supported: ['users:read'] });
  }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const known = token ? await worth(token) : { active: false };
  const isForUs = known.active && [known.aud].flat().includes(RESOURCE);
  if (!isForUs) {
    return json(401, { error: 'invalid_token' }, { 'www-authenticate': `Bearer resource_metadata="${METADATA}", scope="users:read"` });
  }
  const mcp = new McpServer({ name: 'interop', version: '1' });
  mcp.registerTool('who', { description: 'Tells who calls.' }, () => ({ content: [{ type: 'text', text: known.username }] }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  await mcp.connect(transport);
  await transport.handleRequest(request, response);
}

before(async () => {
  server = createServer((request, response) => serve(request, response).catch((error) => { response.writeHead(500); response.end(String(error)); }));
  await new Promise((resolve) => server.listen(PORT, '127.0.0.1', resolve));
});
after(() => server.close());

class Provider {
  redirectUrl = CALLBACK;
  clientMetadata = { client_name: 'MCP interop', redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none', scope: 'users:read' };
  state = () => 'mcp-state';
  clientInformation = () => this.information;
  saveClientInformation = (information) => { this.information = information; };
  tokens = () => this.kept;
  saveTokens = (tokens) => { this.kept = tokens; };
  saveCodeVerifier = (verifier) => { this.verifier = verifier; };
  codeVerifier = () => this.verifier;
  redirectToAuthorization = async (url) => { this.asked = url; this.arrival = await new Browser().visit(url, CALLBACK); };
}

const open = (provider) => new StreamableHTTPClientTransport(new URL(RESOURCE), { authProvider: provider });

test('an MCP client finds its way from a 401 to a tool call', async () => {
  const provider = new Provider();
  const first = open(provider);
  await assert.rejects(new Client({ name: 'interop', version: '1' }).connect(first), UnauthorizedError);
  assert.equal(provider.asked.searchParams.get('resource'), RESOURCE);
  assert.ok(provider.information.client_id);
  await first.finishAuth(provider.arrival.searchParams.get('code'));
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(open(provider));
  const answer = await client.callTool({ name: 'who', arguments: {} });
  assert.equal(answer.content[0].text, 'user@acme.example');
  await client.close();
});

test('a token of the native API does not open the MCP server', async () => {
  const granted = await fetch(`${ISSUER}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo-connector:demo-connector-secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = await granted.json();
  const refused = await fetch(RESOURCE, { method: 'POST', headers: { authorization: `Bearer ${access_token}` } });
  assert.equal(refused.status, 401);
});

test('a token of the MCP server does not open the native API', async () => {
  const provider = new Provider();
  const transport = open(provider);
  await assert.rejects(new Client({ name: 'interop', version: '1' }).connect(transport), UnauthorizedError);
  await transport.finishAuth(provider.arrival.searchParams.get('code'));
  const refused = await fetch(`${ISSUER}/v1/users`, { headers: { authorization: `Bearer ${provider.kept.access_token}` } });
  assert.equal(refused.status, 401);
});

test('the SDK refreshes when its access token is no longer good', async () => {
  const provider = new Provider();
  const transport = open(provider);
  await assert.rejects(new Client({ name: 'interop', version: '1' }).connect(transport), UnauthorizedError);
  await transport.finishAuth(provider.arrival.searchParams.get('code'));
  const former = provider.kept;
  provider.kept = { ...former, access_token: 'worn-out' };
  const client = new Client({ name: 'interop', version: '1' });
  await client.connect(open(provider));
  await client.close();
  assert.notEqual(provider.kept.refresh_token, former.refresh_token);
});
