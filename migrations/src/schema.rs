//! Shorthand of the migrations.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A table of columns, its primary key and its foreign keys.
pub struct NewTable {
    statement: TableCreateStatement,
    clustered: bool,
}

/// A table called `name`.
pub fn table(name: &'static str, columns: Vec<ColumnDef>) -> NewTable {
    let mut statement = Table::create();
    statement.table(name);
    for column in columns {
        statement.col(column);
    }
    NewTable { statement, clustered: false }
}

impl NewTable {
    /// The primary key.
    pub fn key(mut self, columns: &[&'static str]) -> Self {
        let mut key = Index::create();
        for column in columns {
            key.col(*column);
        }
        self.statement.primary_key(&mut key);
        self
    }

    /// A foreign key to the first column of the other table's primary key.
    pub fn references(mut self, column: &'static str, other: &'static str, other_column: &'static str) -> Self {
        let own = self.statement.get_table_name().cloned();
        let mut key = ForeignKey::create();
        if let Some(own) = own {
            key.from_tbl(own);
        }
        key.from_col(column).to(other, other_column);
        self.statement.foreign_key(&mut key);
        self
    }

    /// On SQLite, keep the rows in the tree of the primary key instead of beside it: for tables of small rows, which are then
    /// written once and not twice.
    pub fn clustered(mut self) -> Self {
        self.clustered = true;
        self
    }

    /// Creates it.
    pub async fn create(mut self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        if self.clustered && manager.get_database_backend() == DbBackend::Sqlite {
            self.statement.extra("WITHOUT ROWID");
        }
        manager.create_table(self.statement).await
    }
}

/// An index called `name`; `partial` narrows it to the rows for which the condition holds.
pub struct NewIndex {
    statement: IndexCreateStatement,
}

/// An index over `columns`.
pub fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> NewIndex {
    let mut statement = Index::create();
    statement.name(name).table(table);
    for column in columns {
        statement.col(*column);
    }
    NewIndex { statement }
}

impl NewIndex {
    /// No two rows may agree in all columns.
    pub fn unique(mut self) -> Self {
        self.statement.unique();
        self
    }

    /// Only the rows for which `condition` holds.
    pub fn only(mut self, condition: Expr) -> Self {
        self.statement.and_where(condition);
        self
    }

    /// Creates it.
    pub async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_index(self.statement).await
    }
}
