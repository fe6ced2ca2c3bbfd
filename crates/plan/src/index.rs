//! Dense numbers for what a plan names.
//!
//! They are positions in the tables of one [`Plan`](crate::Plan) and mean
//! nothing outside it; what lasts is the key.

use std::fmt;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in the plan's table.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The number of a position; tables are bounded far below `u32::MAX`.
            #[must_use]
            pub const fn at(index: usize) -> Self {
                Self(index as u32)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}#{}", stringify!($name), self.0)
            }
        }
    )*};
}

numbers! {
    /// A department of the plan.
    DepartmentIx;
    /// A role of the plan.
    RoleIx;
    /// A field of a role.
    FieldIx;
    /// A grant of a field: its position in the field's own list.
    GrantIx;
    /// A scenario question.
    QuestionIx;
    /// A matter.
    MatterIx;
    /// A step. Steps are numbered in a topological order: every arrow goes from a smaller to a larger number.
    StepIx;
}
