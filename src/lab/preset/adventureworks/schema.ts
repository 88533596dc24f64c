/**
 * The tables of the sample database, as the T-SQL that makes them.
 *
 * A shop of our own: its name is the articles', its tables and rows are not Microsoft's sample.
 */

/** Makes schemas and tables, in the order of their references. */
export const SCHEMA_STATEMENTS: readonly string[] = [
  'CREATE SCHEMA people',
  'CREATE SCHEMA production',
  'CREATE SCHEMA stock',
  'CREATE SCHEMA sales',
  `CREATE TABLE people.country (
    country_code char(2) NOT NULL CONSTRAINT pk_country PRIMARY KEY,
    name nvarchar(60) NOT NULL
  )`,
  `CREATE TABLE people.customer (
    customer_id int IDENTITY(1,1) NOT NULL CONSTRAINT pk_customer PRIMARY KEY,
    country_code char(2) NOT NULL
      CONSTRAINT fk_customer_country REFERENCES people.country (country_code),
    given_name nvarchar(50) NOT NULL,
    family_name nvarchar(50) NOT NULL,
    email nvarchar(120) NOT NULL CONSTRAINT uq_customer_email UNIQUE,
    city nvarchar(60) NOT NULL,
    is_business bit NOT NULL,
    created_at datetime2(3) NOT NULL
  )`,
  `CREATE TABLE production.category (
    category_id int NOT NULL CONSTRAINT pk_category PRIMARY KEY,
    name nvarchar(60) NOT NULL CONSTRAINT uq_category_name UNIQUE
  )`,
  `CREATE TABLE production.product (
    product_id int IDENTITY(1,1) NOT NULL CONSTRAINT pk_product PRIMARY KEY,
    category_id int NOT NULL
      CONSTRAINT fk_product_category REFERENCES production.category (category_id),
    code varchar(20) NOT NULL CONSTRAINT uq_product_code UNIQUE,
    name nvarchar(100) NOT NULL,
    list_price decimal(10,2) NOT NULL,
    standard_cost money NOT NULL,
    weight_kg decimal(8,3) NULL,
    discontinued bit NOT NULL,
    row_guid uniqueidentifier NOT NULL
  )`,
  `CREATE TABLE stock.warehouse (
    warehouse_id int NOT NULL CONSTRAINT pk_warehouse PRIMARY KEY,
    city nvarchar(60) NOT NULL,
    country_code char(2) NOT NULL
      CONSTRAINT fk_warehouse_country REFERENCES people.country (country_code)
  )`,
  `CREATE TABLE stock.level (
    warehouse_id int NOT NULL
      CONSTRAINT fk_level_warehouse REFERENCES stock.warehouse (warehouse_id),
    product_id int NOT NULL
      CONSTRAINT fk_level_product REFERENCES production.product (product_id),
    quantity int NOT NULL,
    counted_on date NOT NULL,
    CONSTRAINT pk_level PRIMARY KEY (warehouse_id, product_id)
  )`,
  `CREATE TABLE sales.orders (
    order_id int IDENTITY(1,1) NOT NULL CONSTRAINT pk_orders PRIMARY KEY,
    customer_id int NOT NULL
      CONSTRAINT fk_orders_customer REFERENCES people.customer (customer_id),
    ordered_at datetime2(3) NOT NULL,
    due_on date NOT NULL,
    status tinyint NOT NULL CONSTRAINT ck_orders_status CHECK (status BETWEEN 0 AND 4),
    freight money NOT NULL,
    note nvarchar(200) NULL
  )`,
  `CREATE TABLE sales.order_line (
    order_id int NOT NULL CONSTRAINT fk_order_line_orders REFERENCES sales.orders (order_id),
    line_number smallint NOT NULL,
    product_id int NOT NULL
      CONSTRAINT fk_order_line_product REFERENCES production.product (product_id),
    quantity smallint NOT NULL,
    unit_price decimal(10,2) NOT NULL,
    discount decimal(5,4) NOT NULL,
    CONSTRAINT pk_order_line PRIMARY KEY (order_id, line_number)
  )`,
  `CREATE TABLE sales.web_order (
    web_order_id uniqueidentifier NOT NULL CONSTRAINT pk_web_order PRIMARY KEY,
    customer_id int NOT NULL
      CONSTRAINT fk_web_order_customer REFERENCES people.customer (customer_id),
    product_id int NOT NULL
      CONSTRAINT fk_web_order_product REFERENCES production.product (product_id),
    quantity smallint NOT NULL,
    amount decimal(12,2) NOT NULL,
    placed_at datetime2(3) NOT NULL CONSTRAINT df_web_order_placed_at DEFAULT SYSUTCDATETIME()
  )`,
  'CREATE INDEX ix_orders_customer ON sales.orders (customer_id)',
];
