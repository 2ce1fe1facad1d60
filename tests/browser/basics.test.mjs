// The whole of "Kubernetes Basics", typed into the page: every command answers as the real thing does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './support/page.mjs';
import { Terminal } from './support/terminal.mjs';

const APP = 'kubernetes-bootcamp';
const POD = /kubernetes-bootcamp-[a-z0-9]{8,10}-[a-z0-9]{5}/;
const ANSWER = (version) => new RegExp(`^Hello Kubernetes bootcamp! \\| Running on: ${POD.source} \\| v=${version}$`, 'm');
const NAMES = `-o go-template --template '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}'`;
const NODE_PORT = `export NODE_PORT="$(kubectl get services/${APP} -o go-template='{{(index .spec.ports 0).nodePort}}')"`;
const CURL = 'curl http://"$(minikube ip):$NODE_PORT"';

let browser;
let page;
let terminal;

before(async () => {
  browser = await launch();
  page = await open(browser);
  terminal = new Terminal(page);
});
after(() => browser.close());

/** Types a command; its output must fit every pattern. */
async function type(command, ...patterns) {
  const output = await terminal.run(command);
  for (const pattern of patterns) assert.match(output, pattern, `$ ${command}`);
  return output;
}

/** Types a command again and again until its output fits. */
async function until(command, pattern, tries = 200) {
  let output;
  for (let n = 0; n < tries; n++) {
    output = await terminal.run(command);
    if (pattern.test(output)) return output;
    await page.waitForTimeout(100);
  }
  return assert.fail(`$ ${command}\n${output}\nnever fits ${pattern}`);
}

/** Types a command that prints nothing. */
const quiet = (command) => type(command, /^$/);

const speed = (factor) => page.getByLabel('Speed').selectOption(String(factor));

/** What is drawn of pods, by their text. */
const drawn = () => page.locator('.pod').evaluateAll((pods) => pods.map((pod) => pod.getAttribute('aria-label')));

/** `ready` pods of the deployment and no other. */
const settled = (ready) =>
  until('kubectl get pods', new RegExp(`^NAME .*\\n(${POD.source} +1/1 +Running .*(\\n|$)){${ready}}$`));

test('1. Create a cluster', async () => {
  await type('minikube version', /^minikube version: v1\.\d+\.\d+\ncommit: [0-9a-f]{40}/);
  await speed(10);
  await type('minikube start', /Using the docker driver based on existing profile/, /Updating the running docker "minikube" container/, /Done! kubectl is now configured to use "minikube" cluster/);
  await speed(1);
  await type('minikube status', /^minikube\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured/, /minikube-m03\ntype: Worker\nhost: Running\nkubelet: Running/);
  await type('kubectl version', /^Client Version: v1\.36\.2\nKustomize Version: v\d+\.\d+\.\d+\nServer Version: v1\.36\.2$/);
  await type('kubectl cluster-info', /^Kubernetes control plane is running at https:\/\/192\.168\.49\.2:8443$/m, /^CoreDNS is running at https:/m);
  await type('kubectl get nodes', /^NAME +STATUS +ROLES +AGE +VERSION\nminikube +Ready +control-plane +\S+ +v1\.36\.2\nminikube-m02 +Ready +<none> +\S+ +v1\.36\.2\nminikube-m03 +Ready +<none> +\S+ +v1\.36\.2$/);
  await type('kubectl get nodes --help', /^Display one or many resources\./, /--show-labels/, /Usage:\n {2}kubectl get/);
});

test('2. Deploy an app', async () => {
  await type(`kubectl create deployment ${APP} --image=gcr.io/google-samples/kubernetes-bootcamp:v1`, /^deployment\.apps\/kubernetes-bootcamp created$/);
  await type('kubectl get deployments', /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nkubernetes-bootcamp +[01]\/1 +1 +[01] +\S+$/);
  await terminal.tab(2);
  await terminal.start('kubectl proxy', /^Starting to serve on 127\.0\.0\.1:8001$/m);
  await terminal.tab(1);
  await type('curl http://localhost:8001/version', /"gitVersion": "v1\.36\.2"/, /"major": "1"/);
  await speed(20);
  await settled(1);
  await speed(1);
  await quiet(`export POD_NAME=$(kubectl get pods ${NAMES})`);
  await type('echo Name of the Pod: $POD_NAME', new RegExp(`^Name of the Pod: ${POD.source}$`));
  await type(`curl http://localhost:8001/api/v1/namespaces/default/pods/$POD_NAME:8080/proxy/`, ANSWER(1));
});

test('3. Explore', async () => {
  await settled(1);
  await type('kubectl describe pods', /^Name: +kubernetes-bootcamp-/, /^Node: +minikube/m, /^Events:\n/m, /Successfully pulled image/);
  await quiet(`export POD_NAME="$(kubectl get pods ${NAMES})"`);
  await type('curl http://localhost:8001/api/v1/namespaces/default/pods/$POD_NAME:8080/proxy/', ANSWER(1));
  await type('kubectl logs "$POD_NAME"', new RegExp(`^Kubernetes Bootcamp App Started At: \\S+ \\| Running On: +${POD.source}`, 'm'));
  await type('kubectl exec "$POD_NAME" -- env', /^PATH=/m, /^KUBERNETES_SERVICE_HOST=10\.96\.0\.1$/m, new RegExp(`^HOSTNAME=${POD.source}$`, 'm'));
  await type('kubectl exec -ti $POD_NAME -- bash', /^$/);
  await type('cat server.js', /http\.createServer/);
  await type('curl http://localhost:8080', ANSWER(1));
  await type('exit', /exit/);
});

/** Enters the node, asks the port from inside and leaves. */
async function fromTheNode(port, pattern) {
  await terminal.run('minikube ssh');
  await type(`curl localhost:${port}`, pattern);
  await terminal.run('exit');
}

test('4. Expose', async () => {
  await settled(1);
  await type('kubectl get services', /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nkubernetes +ClusterIP +10\.96\.0\.1 +<none> +443\/TCP +\S+$/);
  await type(`kubectl expose deployment/${APP} --type="NodePort" --port 8080`, /^service\/kubernetes-bootcamp exposed$/);
  await type('kubectl get services', /^kubernetes-bootcamp +NodePort +10\.\S+ +<none> +8080:3\d{4}\/TCP +\S+$/m);
  await type(`kubectl describe services/${APP}`, /^Type: +NodePort$/m, /^NodePort: +<unset> +3\d{4}\/TCP$/m, /^Endpoints: +10\.244\.\S+:8080$/m);
  await quiet(NODE_PORT);
  const port = (await type('echo "NODE_PORT=$NODE_PORT"', /^NODE_PORT=3\d{4}$/)).split('=')[1];
  await type(CURL, ANSWER(1));
  await type(`minikube service ${APP} --url`, new RegExp(`^http://192\\.168\\.49\\.2:${port}$`));
  await type(`minikube service ${APP}`, /Opening service default\/kubernetes-bootcamp in default browser/);
  await page.getByRole('region', { name: 'Browser' }).getByText('Hello Kubernetes bootcamp!').waitFor();
  await page.getByRole('button', { name: 'Close the browser' }).click();
  await fromTheNode(port, ANSWER(1));
  await type('kubectl describe deployment', /^Name: +kubernetes-bootcamp$/m, /^Labels: +app=kubernetes-bootcamp$/m, /^StrategyType: +RollingUpdate$/m);
  await type(`kubectl get pods -l app=${APP}`, POD);
  await type(`kubectl get services -l app=${APP}`, /^kubernetes-bootcamp +NodePort/m);
  await type('kubectl label pods "$POD_NAME" version=v1', new RegExp(`^pod/${POD.source} labeled$`));
  await type('kubectl label pod $POD_NAME run=v1', new RegExp(`^pod/${POD.source} labeled$`));
  await type('kubectl describe pods "$POD_NAME"', /^ +run=v1$/m, /^ +version=v1$/m);
  await type('kubectl get pods -l version=v1', POD);
  await type('kubectl get pods -l run=v1', POD);
  await type(`kubectl delete service -l app=${APP}`, /^service "kubernetes-bootcamp" deleted/);
  const services = await type('kubectl get services', /^kubernetes +ClusterIP/m);
  assert.doesNotMatch(services, /bootcamp/);
  await type(CURL, new RegExp(`^curl: \\(7\\) Failed to connect to 192\\.168\\.49\\.2 port ${port} after \\d+ ms: `, 'm'));
  await fromTheNode(port, /curl: \(7\) Failed to connect to localhost port/);
  await type('kubectl exec -ti $POD_NAME -- curl http://localhost:8080', ANSWER(1));
});

test('5. Scale', async () => {
  await type(`kubectl expose deployment/${APP} --type="LoadBalancer" --port 8080`, /^service\/kubernetes-bootcamp exposed$/);
  await type('kubectl get deployments', /^kubernetes-bootcamp +1\/1 +1 +1 /m);
  await type('kubectl get rs', /^NAME +DESIRED +CURRENT +READY +AGE\nkubernetes-bootcamp-[a-z0-9]+ +1 +1 +1 +\S+$/);
  await type(`kubectl scale deployments/${APP} --replicas=4`, /^deployment\.apps\/kubernetes-bootcamp scaled$/);
  await speed(20);
  await until('kubectl get deployments', /^kubernetes-bootcamp +4\/4 +4 +4 /m);
  await speed(1);
  const wide = await type('kubectl get pods -o wide', /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\n/);
  const addresses = wide.match(/10\.244\.\d+\.\d+/g);
  assert.equal(new Set(addresses).size, 4, 'every pod has its own address');
  await type(`kubectl describe deployments/${APP}`, /^Replicas: +4 desired \| 4 updated \| 4 total \| 4 available \| 0 unavailable$/m, /ScalingReplicaSet +\S+.* +deployment-controller +Scaled up replica set \S+ from 1 to 4/);
  await type(`kubectl describe services/${APP}`, /^Type: +LoadBalancer$/m, /^Endpoints: +(10\.244\.\S+:8080,){2}10\.244\.\S+:8080( \+ 1 more\.\.\.)?$/m);
  await quiet(NODE_PORT);
  await type(CURL, ANSWER(1));
  const answers = await type(`for i in 1 2 3 4 5 6 7 8; do curl -s http://"$(minikube ip):$NODE_PORT"; done`, ANSWER(1));
  assert.equal(answers.match(/Hello/g).length, 8);
  assert.ok(new Set(answers.match(new RegExp(POD, 'g'))).size > 1, 'not always the same pod answers');
  await type('kubectl get services', /^kubernetes-bootcamp +LoadBalancer +10\.\S+ +<pending> +8080:3\d{4}\/TCP/m);
  await terminal.tab(2);
  await terminal.interrupt();
  await terminal.start('minikube tunnel', /services: \[kubernetes-bootcamp\]/);
  await terminal.tab(1);
  await until('kubectl get services', /^kubernetes-bootcamp +LoadBalancer +10\.\S+ +(?!<pending>)\d+\.\d+\.\d+\.\d+ +8080:3\d{4}\/TCP/m);
  await type(`kubectl scale deployments/${APP} --replicas=2`, /scaled$/);
  await type('kubectl get deployments', /^kubernetes-bootcamp +\d\/2 /m);
  await type('kubectl get pods -o wide', /Terminating/);
  await speed(20);
  await settled(2);
  await type(`kubectl scale deployments/${APP} --replicas=0`, /scaled$/);
  await until('kubectl get pods', /^No resources found in default namespace\.$/);
  await type(`kubectl scale deployments/${APP} --replicas=4`, /scaled$/);
  await settled(4);
  await speed(1);
  await type(`kubectl autoscale deployment ${APP} --min=2 --max=6 --cpu-percent=50`, /^horizontalpodautoscaler\.autoscaling\/kubernetes-bootcamp autoscaled$/m);
  await type('kubectl get hpa', /^kubernetes-bootcamp +Deployment\/kubernetes-bootcamp +cpu: <unknown>\/50% +2 +6 /m);
  await type(`kubectl delete hpa ${APP}`, /^horizontalpodautoscaler\.autoscaling "kubernetes-bootcamp" deleted/);
  await type('kubectl run web --image=nginx --replicas=3', /^error: unknown flag: --replicas\nSee 'kubectl run --help' for usage\.$/);
});

test('6. Update', async () => {
  await type('kubectl get deployments', /^kubernetes-bootcamp +4\/4 +4 +4 /m);
  await settled(4);
  await type('kubectl describe pods', /Image: +gcr\.io\/google-samples\/kubernetes-bootcamp:v1/);

  // A steady stream of requests goes on during the whole update; none may be lost.
  await page.getByLabel('Steady stream').selectOption('20');
  const answered = () => page.locator('.counts').innerText();
  await page.waitForFunction(() => /✓ [1-9]/.test(document.querySelector('.counts').textContent));
  await type(`kubectl set image deployments/${APP} ${APP}=docker.io/jocatalin/kubernetes-bootcamp:v2`, /^deployment\.apps\/kubernetes-bootcamp image updated$/);
  await type('kubectl get pods', /ContainerCreating|Pending|Terminating|1\/1/);
  await speed(5);
  await type(`kubectl rollout status deployments/${APP}`, /successfully rolled out$/);
  await settled(4);
  await speed(1);
  const counts = await answered();
  assert.match(counts, /✓ \d{2,}\s+✗ 0$/, 'no request failed during the rollout');
  await page.getByLabel('Steady stream').selectOption('0');

  await type(`kubectl describe services/${APP}`, /^Endpoints: +10\.244\./m);
  for (let n = 0; n < 4; n++) await type(CURL, ANSWER(2));
  await type('kubectl describe pods', /Image: +docker\.io\/jocatalin\/kubernetes-bootcamp:v2/);
  await type(`kubectl set image deployments/${APP} ${APP}=gcr.io/google-samples/kubernetes-bootcamp:v10`, /image updated$/);
  await type('kubectl get deployments', /^kubernetes-bootcamp +[34]\/4 /m);
  await speed(5);
  await until('kubectl get pods', /ErrImagePull/);
  await until('kubectl get pods', /ImagePullBackOff/);
  await speed(1);
  await quiet(`export AFFECTED_POD="$(kubectl get pods --field-selector status.phase=Pending ${NAMES} | head -n 1)"`);
  await type('kubectl describe pod $AFFECTED_POD', /Failed to pull image "gcr\.io\/google-samples\/kubernetes-bootcamp:v10"/, /ImagePullBackOff/);
  await type(`kubectl rollout history deployments/${APP}`, /^deployment\.apps\/kubernetes-bootcamp ?\nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>\n3 +<none>$/m);
  await type(`kubectl rollout undo deployments/${APP}`, /^deployment\.apps\/kubernetes-bootcamp rolled back$/);
  await type('kubectl get deployments', /^kubernetes-bootcamp +\d\/4 /m);
  await speed(20);
  await settled(4);
  await speed(1);
  await type('kubectl describe pods', /Image: +docker\.io\/jocatalin\/kubernetes-bootcamp:v2/);
  await type(`kubectl rollout history deployments/${APP}`, /\n1 +<none>\n3 +<none>\n4 +<none>$/m);
  await type(`kubectl delete deployments/${APP} services/${APP}`, /^deployment\.apps "kubernetes-bootcamp" deleted/m, /^service "kubernetes-bootcamp" deleted/m);
  await speed(60);
  await until('kubectl get pods', /^No resources found in default namespace\.$/);
  assert.deepEqual(await drawn(), [], 'the picture is empty again');
  assert.deepEqual(page.complaints, []);
});
