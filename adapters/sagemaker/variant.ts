/** The one variant of what we stage. SageMaker shifts traffic only between variants of the same name. */
export const variantName = "approved";
