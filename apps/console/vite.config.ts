import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** key-admin of `npm start`, for `npm run dev`; the built console is served by key-admin itself. */
const API = 'http://127.0.0.1:4001';

/** The first to know light-dark() of CSS, of spring 2024; what would be written for older ones has no scheme at first. */
const BROWSERS = ['chrome123', 'firefox120', 'safari17.5'];

export default defineConfig({
  plugins: [react()],
  build: { manifest: true, sourcemap: true, target: 'es2022', cssTarget: BROWSERS },
  server: { proxy: { '/v1': API } },
});
