package io.alphorn;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.ObjectInputStream;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the arrows between packages that docs/architecture.md draws. */
class ArchitectureTest {
  private static final String ROOT = "io.alphorn";

  /** What each package may use beside itself, the JDK and other people's libraries. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "error", Set.of(),
          "tensor", Set.of("error"),
          "archive", Set.of("error", "tensor"),
          "keras", Set.of("error", "tensor", "archive"),
          "endpoint", Set.of("error", "tensor"),
          "compiler", Set.of("error", "tensor", "archive", "keras", "endpoint"),
          "runtime", Set.of("error", "tensor", "compiler"),
          "registry",
              Set.of("error", "tensor", "archive", "keras", "endpoint", "compiler", "runtime"),
          "api", Set.of("error", "tensor", "endpoint", "compiler", "runtime", "registry"),
          "cli",
              Set.of(
                  "error",
                  "tensor",
                  "archive",
                  "keras",
                  "endpoint",
                  "compiler",
                  "runtime",
                  "registry",
                  "api"));

  /** The packages that work as a library, in a program that has no server. */
  private static final String[] LIBRARY =
      Stream.of("error", "tensor", "archive", "keras", "endpoint", "compiler", "runtime")
          .map(ArchitectureTest::tree)
          .toArray(String[]::new);

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

  static Stream<String> packages() {
    return MAY_USE.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void usesOnlyThePackagesItMay(String name) {
    List<String> allowed = new ArrayList<>();
    allowed.add(tree(name));
    MAY_USE.get(name).forEach(used -> allowed.add(tree(used)));

    DescribedPredicate<JavaClass> others =
        resideInAPackage(ROOT + "..")
            .and(DescribedPredicate.not(resideInAnyPackage(allowed.toArray(String[]::new))));
    noClasses()
        .that()
        .resideInAPackage(tree(name))
        .should()
        .dependOnClassesThat(others)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theLibraryIsPlainJava() {
    noClasses()
        .that()
        .resideInAnyPackage(LIBRARY)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.quarkus..", "io.smallrye..", "io.vertx..", "jakarta..")
        .check(CLASSES);
  }

  /** What a file says is data: no class, method or script is found by a name that it gives. */
  @Test
  void namesInFilesNeverBecomeCode() {
    noClasses()
        .that()
        .resideInAnyPackage(tree("archive"), tree("keras"), tree("compiler"))
        .should()
        .callMethodWhere(target(owner(assignableTo(Class.class)).and(name("forName"))))
        .orShould()
        .dependOnClassesThat(
            assignableTo(ClassLoader.class)
                .or(assignableTo(ServiceLoader.class))
                .or(assignableTo(MethodHandles.Lookup.class))
                .or(assignableTo(ObjectInputStream.class))
                .or(resideInAnyPackage("java.lang.reflect..", "javax.script..")))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsPlace() {
    assertThat(CLASSES)
        .map(JavaClass::getPackageName)
        .allSatisfy(
            name ->
                assertThat(MAY_USE)
                    .containsKey(name.substring(ROOT.length() + 1).split("\\.", 2)[0]));
  }

  private static String tree(String name) {
    return ROOT + "." + name + "..";
  }
}
