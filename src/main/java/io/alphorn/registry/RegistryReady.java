package io.alphorn.registry;

/** Told once, when all models that were there at the start have been looked at. */
public record RegistryReady() {}
