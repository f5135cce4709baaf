package io.alphorn.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** What an operator's tools ask of every server: health, metrics, a description of its API. */
@QuarkusTest
class OperationsTest {
  @Test
  void isAlive() {
    given().get("/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
  }

  @Test
  void tellsItsMetrics() {
    given().get("/q/metrics").then().statusCode(200).body(containsString("jvm_memory_used_bytes"));
  }

  @Test
  void describesItsApi() {
    given()
        .accept("application/json")
        .get("/q/openapi")
        .then()
        .statusCode(200)
        .body("info.title", equalTo("Alphorn"));
  }

  @Test
  void showsItsApiInTheBrowser() {
    given().get("/q/swagger-ui/").then().statusCode(200).contentType("text/html");
  }
}
