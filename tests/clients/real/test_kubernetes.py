# SPDX-License-Identifier: MIT
"""The Kubernetes manifests, against the published schemas of its API.

What schemas can't tell is checked as well: that parts which name each other
agree, and that pods pass the 'restricted' Pod Security Standard.
"""
import pathlib
import sys

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / 'tests/clients'))
import tally  # noqa: E402

FOLDER = ROOT / 'docker/kubernetes'
NAME = {'app.kubernetes.io/name': 'sowd'}

# 'preStop.sleep' came with 1.30.
VERSIONS = ('1.30', '1.33')


def documents():
    """Yield (file, object) of all that is applied."""
    for path in sorted(FOLDER.glob('*.yaml')):
        if path.name != 'kustomization.yaml':
            for found in yaml.safe_load_all(path.read_text()):
                yield path.name, found


ALL = {found['kind']: found for _, found in documents()}


def test_schemas():
    for name, found in documents():
        if found['kind'] == 'ServiceMonitor':
            continue  # not of Kubernetes itself
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(found, version, strict=True)
                problem = None
            except kubernetes_validate.ValidationError as error:
                problem = f'{list(error.path)}: {error.message}'
            tally.equal(f'{name} is a {found["kind"]} of {version}', problem,
                        None)


def test_kustomization():
    text = (FOLDER / 'kustomization.yaml').read_text()
    listed = set(yaml.safe_load(text)['resources'])
    there = {path.name for path in FOLDER.glob('*.yaml')}
    tally.equal('all files are listed, but the operator\'s', listed,
                there - {'kustomization.yaml', 'monitoring.yaml'})


def test_names_agree():
    deployment, service = ALL['Deployment'], ALL['Service']
    pod = deployment['spec']['template']
    container, = pod['spec']['containers']
    port, = container['ports']
    claim = ALL['PersistentVolumeClaim']['metadata']['name']
    target = ALL['HorizontalPodAutoscaler']['spec']['scaleTargetRef']
    for kind, labels in (
            ('Deployment', deployment['spec']['selector']['matchLabels']),
            ('pod', pod['metadata']['labels']),
            ('Service', service['spec']['selector']),
            ('PodDisruptionBudget',
             ALL['PodDisruptionBudget']['spec']['selector']['matchLabels']),
            ('NetworkPolicy',
             ALL['NetworkPolicy']['spec']['podSelector']['matchLabels']),
            ('ServiceMonitor',
             ALL['ServiceMonitor']['spec']['selector']['matchLabels'])):
        tally.equal(f'the {kind} is of sowd', labels, NAME)
    tally.equal('it scales the Deployment', target['name'],
                deployment['metadata']['name'])
    tally.equal('the Service sends to the port',
                service['spec']['ports'][0]['targetPort'], port['name'])
    tally.equal('Prometheus asks at the Service\'s port',
                ALL['ServiceMonitor']['spec']['endpoints'][0]['port'],
                service['spec']['ports'][0]['name'])
    tally.check('the claim is mounted', any(
        volume.get('persistentVolumeClaim') == {'claimName': claim}
        for volume in pod['spec']['volumes']))
    tally.equal('each volume is mounted once',
                sorted(mount['name'] for mount in container['volumeMounts']),
                sorted(volume['name'] for volume in pod['spec']['volumes']))
    for probe in ('startupProbe', 'readinessProbe', 'livenessProbe'):
        tally.equal(f'{probe} asks at the port',
                    container[probe]['httpGet']['port'], port['name'])


def test_pods_are_restricted():
    pod = ALL['Deployment']['spec']['template']['spec']
    container, = pod['containers']
    secure = container['securityContext']
    tally.equal('the namespace enforces it', ALL['Namespace']['metadata']
                ['labels']['pod-security.kubernetes.io/enforce'], 'restricted')
    tally.equal('not root', pod['securityContext']['runAsNonRoot'], True)
    tally.equal('default seccomp', pod['securityContext']['seccompProfile'],
                {'type': 'RuntimeDefault'})
    tally.equal('no privileges are gained',
                secure['allowPrivilegeEscalation'], False)
    tally.equal('no capabilities', secure['capabilities'], {'drop': ['ALL']})
    tally.equal('the root is read-only', secure['readOnlyRootFilesystem'],
                True)


def test_tokens_are_asked_for():
    pod = ALL['Deployment']['spec']['template']['spec']
    container, = pod['containers']
    env = {entry['name']: entry['value'] for entry in container['env']}
    secret, = (volume for volume in pod['volumes'] if 'secret' in volume)
    mount, = (mount for mount in container['volumeMounts']
              if mount['name'] == secret['name'])
    tally.equal('the list is in the secret',
                env['SOW_AUTH_TOKENS_FILE'].rpartition('/')[0],
                mount['mountPath'])
    made = (FOLDER / 'kustomization.yaml').read_text()
    monitor = ALL['ServiceMonitor']['spec']['endpoints'][0]
    for name in (secret['secret']['secretName'],
                 monitor['authorization']['credentials']['name']):
        tally.check(f'it says how to make {name}',
                    f'create secret generic {name} ' in made)


def test_it_is_left_time_to_drain():
    pod = ALL['Deployment']['spec']['template']['spec']
    container, = pod['containers']
    drain = {entry['name']: entry['value'] for entry in container['env']}
    wait = container['lifecycle']['preStop']['sleep']['seconds']
    tally.check('the grace period is longer than waiting and draining',
                pod['terminationGracePeriodSeconds'] >
                wait + int(drain['SOW_DRAIN_SECONDS']))


for test in (test_schemas, test_kustomization, test_names_agree,
             test_pods_are_restricted, test_tokens_are_asked_for,
             test_it_is_left_time_to_drain):
    tally.run(test)
tally.finish()
