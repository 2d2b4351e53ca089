import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { openApi } from '@tollgate/contracts/openapi';

const require = createRequire(import.meta.url);

/** What the page may load: its own files, and nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tollgate admin API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/page.js"></script>
  </body>
</html>
`;

/** The admin key that is typed into the page is forgotten with it. The page is light or dark as the reader has it. */
const SCRIPT = `const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', paint);
paint();
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  defaultModelRendering: 'model',
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  docExpansion: 'list',
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

const FILES: Readonly<Record<string, { readonly type: string; readonly read: () => Buffer }>> = {
  'page.js': { type: 'text/javascript', read: () => Buffer.from(SCRIPT) },
  'swagger-ui-bundle.js': {
    type: 'text/javascript',
    read: () => readFileSync(require.resolve('swagger-ui-dist/swagger-ui-bundle.js')),
  },
  'swagger-ui.css': {
    type: 'text/css',
    read: () => readFileSync(require.resolve('swagger-ui-dist/swagger-ui.css')),
  },
};

/** The admin API described, for machines and for people, who can try it there. */
@Controller()
export class DocsController {
  private readonly document = openApi();
  private readonly files = new Map<string, Buffer>();

  @Get('openapi.json')
  describe() {
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  page() {
    return PAGE;
  }

  @Get('docs/:file')
  @Header('cache-control', 'public, max-age=3600')
  @Header('x-content-type-options', 'nosniff')
  file(@Param('file') name: string) {
    const known = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (!known) throw new TollgateError('not_found', 'There is no such file; the page is at /docs.');
    const content = this.files.get(name) ?? known.read();
    this.files.set(name, content);
    return new StreamableFile(content, { type: `${known.type}; charset=utf-8` });
  }
}
