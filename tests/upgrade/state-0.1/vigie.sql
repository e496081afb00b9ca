BEGIN TRANSACTION;
CREATE TABLE generation (
        number INTEGER PRIMARY KEY, time INTEGER NOT NULL, revision TEXT NOT NULL, render_digest TEXT NOT NULL,
        directory TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO "generation" VALUES(1,1796092104591,'','9db321f5519b604dd82a3cdff9711d5be490d9bc1e2016d30680b4158dfeb2a6','a5fac082edd13a79');
INSERT INTO "generation" VALUES(2,1796092104947,'','b6fb24ff608c61882c329d74c8a754d7de2499d21c3a5e775611c8666d558e28','14726e06c3d6a10c');
CREATE TABLE history (
        number INTEGER PRIMARY KEY, time INTEGER NOT NULL, revision TEXT NOT NULL, result TEXT NOT NULL,
        message TEXT NOT NULL, plan TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "history" VALUES(1,1796092104591,'','Applied','','host vm, stack shop

+ create   directory:/opt/monitoring/prom-data
           Prometheus'' data, owned by the user it runs as: does not exist yet
+ create   file:/opt/monitoring/prometheus/prometheus.yml
           Prometheus'' configuration: does not exist yet
    --- /dev/null
    +++ /opt/monitoring/prometheus/prometheus.yml
    @@ -0,0 +1,15 @@
    +# Written by vigie from the MonitoringStack document. Changes made here are undone.
    +global:
    +  scrape_interval: "15s"
    +rule_files:
    +  - "rules/shop.yml"
    +  - "vigie-render-info.yml"
    +scrape_configs:
    +  - job_name: "prometheus"
    +    static_configs:
    +      - targets:
    +          - "127.0.0.1:9090"
    +  - job_name: "node"
    +    static_configs:
    +      - targets:
    +          - "127.0.0.1:9100"
= adopt    file:/opt/monitoring/prometheus/rules/shop.yml
           rules: taken over; a backup is kept
    --- /opt/monitoring/prometheus/rules/shop.yml
    +++ /opt/monitoring/prometheus/rules/shop.yml
    @@ -1 +1,5 @@
    -groups: []
    +groups:
    +  - name: shop
    +    rules:
    +      - alert: Down
    +        expr: up == 0
+ create   file:/opt/monitoring/prometheus/vigie-render-info.yml
           the rule that proves a reload: does not exist yet
    --- /dev/null
    +++ /opt/monitoring/prometheus/vigie-render-info.yml
    @@ -0,0 +1,8 @@
    +# Written by vigie from the MonitoringStack document. Changes made here are undone.
    +groups:
    +  - name: "vigie"
    +    rules:
    +      - record: "vigie_render_info"
    +        expr: "vector(1)"
    +        labels:
    +          digest: "730dcc153adfd7d8c25a3e022d0c080b55b6c8efc5514831822d0d79d7b29c53"
+ create   file:/opt/monitoring/compose.yaml
           the compose project monitoring: does not exist yet
    --- /dev/null
    +++ /opt/monitoring/compose.yaml
    @@ -0,0 +1,32 @@
    +# Written by vigie from the MonitoringStack document. Changes made here are undone.
    +name: "monitoring"
    +services:
    +  prometheus:
    +    image: "prom/prometheus:v3.5.0"
    +    user: "65534:65534"
    +    restart: "unless-stopped"
    +    command:
    +      - "--config.file=/etc/prometheus/prometheus.yml"
    +      - "--storage.tsdb.path=/prometheus"
    +      - "--web.enable-lifecycle"
    +      - "--web.listen-address=127.0.0.1:9090"
    +    network_mode: "host"
    +    volumes:
    +      - "./prometheus:/etc/prometheus:ro"
    +      - "./prom-data:/prometheus"
    +    labels:
    +      dev.vigie.config: "2addcf36ce808097f32cd22864728a96c1f3b49b8164744946032da925eece55"
    +  node:
    +    image: "prom/node-exporter:v1.9.1"
    +    container_name: "monitoring-node"
    +    user: "65534:65534"
    +    restart: "unless-stopped"
    +    command:
    +      - "--path.rootfs=/host"
    +      - "--web.listen-address=127.0.0.1:9100"
    +    network_mode: "host"
    +    pid: "host"
    +    volumes:
    +      - "/:/host:ro,rslave"
    +    labels:
    +      dev.vigie.config: "c14b3a2a38a0835f334daa2870496a0214e11b4020190cce59dcb00002582c11"

note: this root has no identity (`vigie keys init`): secrets are written as ***, to look at and not to run
host vm: 4 to create, 1 to adopt, 6 unchanged
');
INSERT INTO "history" VALUES(2,1796092104947,'','Applied','','host vm, stack shop

~ update   file:/opt/monitoring/prometheus/rules/shop.yml
           rules: changed in the document
    --- /opt/monitoring/prometheus/rules/shop.yml
    +++ /opt/monitoring/prometheus/rules/shop.yml
    @@ -2,4 +2,4 @@
       - name: shop
         rules:
           - alert: Down
    -        expr: up == 0
    +        expr: up == 1
~ update   file:/opt/monitoring/prometheus/vigie-render-info.yml
           the rule that proves a reload: changed in the document
    --- /opt/monitoring/prometheus/vigie-render-info.yml
    +++ /opt/monitoring/prometheus/vigie-render-info.yml
    @@ -5,4 +5,4 @@
           - record: "vigie_render_info"
             expr: "vector(1)"
             labels:
    -          digest: "730dcc153adfd7d8c25a3e022d0c080b55b6c8efc5514831822d0d79d7b29c53"
    +          digest: "422545ac32e0f9373fea5e73dd09c43227792f480cb6fb66cdcbd159043b52b1"

note: this root has no identity (`vigie keys init`): secrets are written as ***, to look at and not to run
host vm: 2 to update, 9 unchanged
');
CREATE TABLE inventory (id TEXT PRIMARY KEY, digest TEXT NOT NULL, backup TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "inventory" VALUES('directory:/opt/monitoring/prom-data','f32107d5ba0b4b50a3993c46b493f585acdd8d182a1c20c633812c6b3e2bb6f4','','');
INSERT INTO "inventory" VALUES('file:/opt/monitoring/compose.yaml','1f4ec1de00627647d66ec41b74b5afd72405d4292745b8edecd27c4c265f45e1','','');
INSERT INTO "inventory" VALUES('file:/opt/monitoring/prometheus/prometheus.yml','42f58a17698c650672ca9dc29aba42820f16164c2f0d7b1bdd5ccbe70a176548','','');
INSERT INTO "inventory" VALUES('file:/opt/monitoring/prometheus/rules/shop.yml','8cbf954227e8861ff93f89adb9d30d4d7272897d9b696ed20cdbb8eb9a310fd0','/var/lib/vigie/backups/7c62796fbfb7c1c6-shop.yml','');
INSERT INTO "inventory" VALUES('file:/opt/monitoring/prometheus/vigie-render-info.yml','769b7fe347b14f68dd8fbc0eb129bfa8d79ee4e20ffbaf1fc45e2dea9e21548c','','');
CREATE TABLE journal (
        one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL, revision TEXT NOT NULL,
        render_digest TEXT NOT NULL, boot_id TEXT NOT NULL, deadline INTEGER NOT NULL, newest_handshake INTEGER NOT NULL,
        by_operator INTEGER NOT NULL, witnesses TEXT NOT NULL, interface TEXT NOT NULL, stack TEXT NOT NULL, host TEXT NOT NULL,
        time INTEGER NOT NULL, result TEXT NOT NULL, message TEXT NOT NULL, plan TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "journal" VALUES(1,'open','','7494acf52328d1cec898f006287dd2a3310c84055be13fbe6b4f5bfad10ca3d3','cac78617-7616-41fc-bbd2-663b3cf92641',39658896,0,0,'','','','',0,'','','');
CREATE TABLE journal_image (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL) STRICT;
INSERT INTO "journal_image" VALUES(1,'file','/opt/monitoring/prometheus/rules/shop.yml',X'B9BB898CD4DF8F638E8967FDE398E4CD7B87FB9C90BAA658E04EED5ADC5EB9D055CF8C5F6F16C2679DD0DCC995C37D360802F65C54723319F69C2D03C25256D6A71B236580C0604D20A958DDF8CF6A5E2BCAE01FB82D7F77C35D9328CF2772FE2F84DA4578B6080CBB211148C761DA6856D72ED0F7901DD7C6E00537B39E0133339A37DA9B');
INSERT INTO "journal_image" VALUES(2,'file','/opt/monitoring/prometheus/vigie-render-info.yml',X'8A05012627C7BBC8FB89313DD15EFC32F4CAC2DEF4629E7A1AA763990E89062B7B352E1FAD061A5E83E5522DC86EC64584AF3C2BA2F520D8A6DB940A3BE7EBE2E73F9188FD16755E06DEEDF6AC800C0789E0847EE474DEF8618A433ACB204C23A90C16C54328F5772B3323F431090BD62DE4C6CF4AED29C7684B7EDCA6D65472BF11FE8184B4C1E4873819BA3D14AF87287CA331F687A764E3C1F1E3F640F2FACAA0E525B6EDA57F4904AE3388B33F035B32391A95FDA4563AEAE183B1795DCC75A47553BC2CF47D6DC0D476FE971C53235CFB23601B387C5CD3C6B705692616BEAE6209F796AC2D2847656600F78296DFB7099DE4DF0303A9E5BEAB20F9C9960A5072E19319248FF88557B4714069D967E88944D35B6A9BE2CE03DE68A8A02F5AB42A73D8C5EC9FAC694F5F1BE37D859AF925D7C11DFC42E7885EF335413986A3AD6E5EFAA6CF2A1442A2E078BB22A7433B913FB394');
CREATE TABLE journal_inventory (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL, backup TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO "meta" VALUES('held_tunnel','');
INSERT INTO "meta" VALUES('held_since','');
INSERT INTO "meta" VALUES('approved','');
INSERT INTO "meta" VALUES('stack','shop');
INSERT INTO "meta" VALUES('host','vm');
INSERT INTO "meta" VALUES('revision','');
INSERT INTO "meta" VALUES('renderDigest','b6fb24ff608c61882c329d74c8a754d7de2499d21c3a5e775611c8666d558e28');
CREATE TABLE quarantine (
        render_digest TEXT PRIMARY KEY, why TEXT NOT NULL, number INTEGER NOT NULL) STRICT;
COMMIT;
PRAGMA user_version=3;
