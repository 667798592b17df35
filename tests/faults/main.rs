//! Faults that take minutes, or programs that the other tests need not: `just faults`.

mod clocks;
mod connections;
mod disks;
mod failovers;
mod floods;
mod galera;
mod galera_load;
mod mariadb;
mod stage;
