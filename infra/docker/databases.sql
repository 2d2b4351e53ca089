-- Run once, by the first start of the postgres container: a database and a role for each service, so that
-- neither reaches the other's. The passwords come from the container's environment.
\set ON_ERROR_STOP on
\getenv key_admin_password TOLLGATE_KEY_ADMIN_DB_PASSWORD
\getenv metering_password TOLLGATE_METERING_DB_PASSWORD

CREATE ROLE tollgate_key_admin LOGIN PASSWORD :'key_admin_password';
CREATE ROLE tollgate_metering LOGIN PASSWORD :'metering_password';

CREATE DATABASE tollgate_key_admin OWNER tollgate_key_admin ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE tollgate_metering OWNER tollgate_metering ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;

REVOKE CONNECT ON DATABASE tollgate_key_admin FROM PUBLIC;
REVOKE CONNECT ON DATABASE tollgate_metering FROM PUBLIC;
