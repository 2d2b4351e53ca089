import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** key-admin of `npm start`, for `npm run dev`; the built console is served by key-admin itself. */
const API = 'http://127.0.0.1:4001';

export default defineConfig({
  plugins: [react()],
  build: { manifest: true, sourcemap: true, target: 'es2022' },
  server: { proxy: { '/v1': API } },
});
