import { defineConfig } from 'vitepress';

export default defineConfig({
  title: 'A site',
  head: [['script', { type: 'module', src: '/kubarium/kubarium.js' }]],
  // Vue leaves the tag to the browser.
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === 'kubarium-playground' } } },
});
