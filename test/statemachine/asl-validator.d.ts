// The package ships JavaScript only.
declare module "asl-validator" {
  interface Validation {
    readonly isValid: boolean;
    readonly errorsText: () => string;
  }
  const validate: (definition: unknown) => Validation;
  export default validate;
}
