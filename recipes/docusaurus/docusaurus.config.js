module.exports = {
  title: 'A site',
  url: 'https://example.com',
  baseUrl: '/',
  scripts: [{ src: '/kubarium/kubarium.js', type: 'module' }],
  presets: [['classic', { docs: { routeBasePath: '/' }, blog: false }]],
};
