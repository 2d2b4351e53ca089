-- Run once, by the first start of the postgres container: a database and a role for each service, so that
-- none reaches another's. The passwords come from the container's environment. A volume from before a
-- service was needs its lines by hand.
\set ON_ERROR_STOP on
\getenv key_admin_password TOLLGATE_KEY_ADMIN_DB_PASSWORD
\getenv metering_password TOLLGATE_METERING_DB_PASSWORD
\getenv billing_password TOLLGATE_BILLING_DB_PASSWORD

CREATE ROLE tollgate_key_admin LOGIN PASSWORD :'key_admin_password';
CREATE ROLE tollgate_metering LOGIN PASSWORD :'metering_password';
CREATE ROLE tollgate_billing LOGIN PASSWORD :'billing_password';

CREATE DATABASE tollgate_key_admin OWNER tollgate_key_admin ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE tollgate_metering OWNER tollgate_metering ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE tollgate_billing OWNER tollgate_billing ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;

REVOKE CONNECT ON DATABASE tollgate_key_admin FROM PUBLIC;
REVOKE CONNECT ON DATABASE tollgate_metering FROM PUBLIC;
REVOKE CONNECT ON DATABASE tollgate_billing FROM PUBLIC;
