"""Files of a host as people write them by hand, with a secret in every place that their programs know. `@` is where a secret stands; what is
around it is what keeps a list of names from finding it."""

PEM = """      -----BEGIN PRIVATE KEY-----
      @
      @
      -----END PRIVATE KEY-----"""

HTTP = """basic_auth: { username: a, password: @, password_file: /x/@ }
authorization: { type: Bearer, credentials: @ }
bearer_token: @
oauth2: { client_id: @, client_secret: @, token_url: "https://login.example.org/?key=@", endpoint_params: { resource: @ } }
oauth2: { client_certificate_key: @, client_certificate_key_id: @, claims: { sub: @ } }
proxy_url: http://@@proxy.example.org:3128
proxy_connect_header: { Proxy-Authorization: [ "Basic @" ] }
http_headers: { X-Scope: { values: [ @ ] }, X-Key: { secrets: [ @ ] } }
tls_config:
    ca: |
      @
    cert: "@"
    key: |
""" + PEM

ALERTMANAGER = """# the old one was @
global:
  smtp_smarthost: smtp.example.org:587
  smtp_auth_username: @
  smtp_auth_password: '@'
  smtp_auth_secret: @
  smtp_auth_identity: @
  slack_api_url: https://hooks.slack.com/services/T0/B0/@
  slack_app_token: xoxb-@
  opsgenie_api_key: @
  opsgenie_api_url: https://@@api.example.org/
  victorops_api_key: @
  victorops_api_url: https://alert.example.org/@/
  wechat_api_secret: @
  wechat_api_corp_id: @
  telegram_bot_token: @
  pagerduty_url: https://events.example.org/?token=@
  jira_api_url: https://me:@@jira.example.org/
  rocketchat_token: @
  rocketchat_token_id: @
  webex_api_url: https://webex.example.org/@
  mattermost_webhook_url: https://chat.example.org/hooks/@
route: { receiver: all, matchers: [ 'customer="@"' ] }
receivers:
  - name: @
    email_configs: [ { to: @@example.org, auth_password: @, auth_secret: @, headers: { X-Auth: @ } } ]
    webhook_configs: [ { url: "https://discord.example.org/api/webhooks/1/@" }, { url_file: /run/@ } ]
    slack_configs: [ { api_url: "https://hooks.example.org/@", channel: "@", actions: [ { url: "https://x.example.org/@" } ] } ]
    pagerduty_configs: [ { routing_key: @ }, { service_key: @, details: { key: @ } } ]
    opsgenie_configs: [ { api_key: @, details: { a: @ } } ]
    victorops_configs: [ { api_key: @, routing_key: @ } ]
    pushover_configs: [ { user_key: @, token: @ } ]
    telegram_configs: [ { bot_token: "1:@", chat_id: 1 } ]
    discord_configs: [ { webhook_url: "https://discord.example.org/api/webhooks/1/@" } ]
    msteams_configs: [ { webhook_url: "https://office.example.org/webhookb2/@" } ]
    msteamsv2_configs: [ { webhook_url: "https://logic.example.org/?sig=@" } ]
    webex_configs: [ { room_id: @ } ]
    wechat_configs: [ { api_secret: @, corp_id: @, agent_id: @ } ]
    sns_configs: [ { sigv4: { access_key: @, secret_key: @, profile: @, role_arn: @ }, api_url: "https://sns.example.org/@" } ]
    jira_configs: [ { project: @, custom_fields: { a: @ } } ]
    rocketchat_configs: [ { token: @, token_id: @, api_url: "https://chat.example.org/@" } ]
    incidentio_configs: [ { alert_source_token: @, url: "https://api.example.org/@" } ]
""" + HTTP

PROMETHEUS = """global: { external_labels: { tenant: @ } }
alerting: { alertmanagers: [ { path_prefix: /@/, sigv4: { access_key: @, secret_key: @ } } ] }
remote_write:
  - url: https://@@write.example.org/api?key=@
    headers: { X-Scope-OrgID: @, Authorization: "Bearer @" }
    sigv4: { region: eu, access_key: @, secret_key: @, external_id: @ }
    azuread: { oauth: { client_id: @, client_secret: @, tenant_id: @ } }
    google_iam: { credentials_file: /@ }
    write_relabel_configs: [ { replacement: @ } ]
remote_read: [ { url: "https://me:@@read.example.org/", required_matchers: { a: @ } } ]
tracing: { endpoint: "@:4317", headers: { x-honeycomb-team: @ } }
storage: { tsdb: { a: @ } }
scrape_configs:
  - job_name: @
    params: { token: [ @ ], apikey: [ @ ], "match[]": [ '{a="@"}' ] }
    metrics_path: /metrics/@
    static_configs: [ { targets: [ "@.example.org:443" ], labels: { __param_key: @ } } ]
    relabel_configs: [ { target_label: __param_auth, replacement: @ }, { regex: @ } ]
    consul_sd_configs: [ { server: "a:8500", token: @, username: a, password: @, namespace: @ } ]
    ec2_sd_configs: [ { access_key: @, secret_key: @, filters: [ { values: [ @ ] } ] } ]
    lightsail_sd_configs: [ { access_key: @, secret_key: @ } ]
    azure_sd_configs: [ { subscription_id: @, tenant_id: @, client_id: @, client_secret: @ } ]
    openstack_sd_configs: [ { username: a, password: @, application_credential_id: @, application_credential_secret: @ } ]
    scaleway_sd_configs: [ { access_key: @, secret_key: @, project_id: @ } ]
    ovhcloud_sd_configs: [ { application_key: @, application_secret: @, consumer_key: @ } ]
    marathon_sd_configs: [ { auth_token: @, auth_token_file: @ } ]
    vultr_sd_configs: [ { authorization: { credentials: @ } } ]
    hetzner_sd_configs: [ { authorization: { credentials: @ } } ]
    ionos_sd_configs: [ { datacenter_id: @ } ]
    http_sd_configs: [ { url: "https://sd.example.org/@?t=@" } ]
    kubernetes_sd_configs: [ { api_server: "https://@@k8s.example.org" } ]
    uyuni_sd_configs: [ { username: a, password: @ } ]
    triton_sd_configs: [ { account: @ } ]
    dns_sd_configs: [ { names: [ @.example.org ] } ]
""" + HTTP

COMPOSE = """# restic: @
name: app
x-common: &common { SENTRY_DSN: "https://@@sentry.example.org/1" }
services:
  app:
    image: registry.example.org/@/app:1
    environment:
      <<: *common
      ENCRYPTION_KEY: @
      JWT_SIGNING_KEY: "@"
      AWS_ACCESS_KEY_ID: @
      AWS_SECRET_ACCESS_KEY: @
      SLACK_WEBHOOK: https://hooks.slack.com/services/@
      DATABASE_URL: postgres://a:@@db/app
      REDIS_URL: redis://:@@cache:6379
      MINIO_ROOT_PASSWORD: @
      PGPASSWORD: @
      SALT: @
      PEPPER: |
        @
    command: [ "redis-server", "--requirepass", "@", "-a", @ ]
    entrypoint: sh -c 'exec app --key @'
    healthcheck: { test: [ "CMD", "redis-cli", "-a", "@", "ping" ] }
    build: { args: { NPM_TOKEN: @, GIT: "https://@@git.example.org/x.git" }, secrets: [ @ ], ssh: [ "default=@" ] }
    labels: { "traefik.http.middlewares.a.basicauth.users": "a:$$apr1$$@" }
    logging: { driver: splunk, options: { splunk-token: @, gelf-address: "udp://@:1" } }
    extra_hosts: [ "@:10.0.0.1" ]
    hostname: @
    secrets: [ a ]
  list:
    environment: [ "KEY=@", "DSN=https://@@x.example.org", @ ]
volumes: { share: { driver_opts: { type: cifs, o: "username=a,password=@" } } }
configs: { a: { content: "@" } }
secrets: { a: { environment: @ }, b: { file: /@ } }
networks: { overlay: { driver_opts: { encrypted: @ } } }
"""

GRAFANA = """apiVersion: 1
datasources:
  - name: Logs
    url: https://a:@@loki.example.org
    user: @
    password: @
    basicAuthUser: @
    basicAuthPassword: @
    jsonData: { httpHeaderName1: X-Key, sigV4AccessKey: @, clientId: @, tokenUri: "https://login.example.org/@" }
    secureJsonData:
      password: @
      httpHeaderValue1: @
      tlsClientKey: |
        -----BEGIN RSA PRIVATE KEY-----
        @
        -----END RSA PRIVATE KEY-----
      tlsCACert: @
      accessKey: @
      secretKey: @
      sigV4SecretKey: @
      privateKey: "@"
      apiToken: @
"""

ENVIRONMENT = """# was @ until march
POSTGRES_PASSWORD=@
export SECRET_KEY_BASE="@"
GRAFANA_ADMIN=admin:@
SMTP_URL=smtps://a:@@smtp.example.org
STRIPE_KEY=sk_live_@
GOOGLE_CREDENTIALS={"private_key": "@", "client_email": "@"}
BACKUP='@'
OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic @
LONELY
@
"""

TUNNEL = """# @
[Interface]
Address = 10.66.66.2/30
PrivateKey = @
DNS = 10.66.66.1, @.example.org
PostUp = curl https://a:@@x.example.org/
Table = off
[Peer]
# the phone of @
PublicKey = @
PresharedKey = @
Endpoint = @.example.org:51820
AllowedIPs = 10.66.66.1/32
"""

USERLIST = """"a" "@"
"b" "md5@"
"@" "SCRAM-SHA-256$4096:@"
"""


def planted(template, secret):
    """`template` with what `secret()` returns at each place. `@@` is a place with an `@` of the text behind it."""
    out, rest = "", template
    while "@" in rest:
        before, _, rest = rest.partition("@")
        out += before + secret()
        if rest.startswith("@"):
            out, rest = out + "@", rest[1:]
    return out + rest
